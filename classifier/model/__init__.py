"""The linear model: its arrays and files, how it scores and explains a text, and the estimator that learns it."""
