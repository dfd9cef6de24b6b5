"""Pure arithmetic on small frames: intervals, tests, incidence. Knows neither Ibis nor SMS."""
