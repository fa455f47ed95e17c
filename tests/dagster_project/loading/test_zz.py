from hypothesis import given, settings, strategies as st
@settings(max_examples=2, deadline=None)
@given(x=st.integers())
def test_b(x):
    pass
def test_c(shop):
    shop.rows("select 1")
