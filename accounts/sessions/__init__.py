"""Sessions: the engine and its tokens, new tokens in time, ends, steps under way, a form sent twice."""
