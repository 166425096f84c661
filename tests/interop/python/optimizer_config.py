"""The options of the replica, as the contract spells them."""

from keras_adam import AdamOptions
from stubs import types_pb2

# What AdamConfig has under Keras's own names.
_FIELDS_OF_A_GROUP = (
    ("beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay", "clipnorm", "global_clipnorm", "clipvalue")
    + ("use_ema", "ema_momentum", "ema_overwrite_frequency")
)


def optimizer_config(options: AdamOptions, **group_fields) -> types_pb2.OptimizerConfig:
    """The message that asks for these options; what is None stays unset."""
    group = types_pb2.AdamConfig(learning_rate=types_pb2.LearningRate(value=options.learning_rate), **group_fields)
    for field in _FIELDS_OF_A_GROUP:
        value = getattr(options, field)
        if value is not None:
            setattr(group, field, value)
    config = types_pb2.OptimizerConfig(groups=[group])
    if options.gradient_accumulation_steps is not None:
        config.gradient_accumulation_steps = options.gradient_accumulation_steps
    if options.loss_scale_factor is not None:
        config.loss_scale.static_factor = options.loss_scale_factor
    return config
