"""The linear model: its arrays and files, the scorer and its explanations, and the estimator that fits it."""
