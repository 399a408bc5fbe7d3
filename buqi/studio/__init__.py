"""The tutorial on one local page: data, training, comparison, model, addresses. State is files of one folder."""
