"""The command line: `python3 -m adam_convert --help`."""

import argparse
import sys

from .errors import ConvertError


def main(arguments=None) -> int:
    """Runs one conversion; 0 if it was done, 1 if it was refused."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ConvertError as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"refused: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    description = "Optimizer state between Keras, torch and the files of sessions. See docs/interchange.md."
    parser = argparse.ArgumentParser(prog="adam_convert", description=description)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _add(commands, "keras-to-adam", _keras_to_adam, "a .keras or .weights.h5 becomes the file of a session")
    command.add_argument("source", metavar="KERAS_FILE")
    command.add_argument("target", metavar="SESSION_FILE")
    _add_keras_options(command)
    command.add_argument(
        "--exclude-from-weight-decay", action="append", default=[], metavar="PATH", help="a variable that does not decay; Keras does not save which"
    )

    command = _add(commands, "adam-to-keras", _adam_to_keras, "the file of a session becomes a .keras or .weights.h5")
    command.add_argument("source", metavar="SESSION_FILE")
    command.add_argument("target", metavar="KERAS_FILE")
    command.add_argument("--template", metavar="FILE", help="a file of the same model, whose structure is taken over; without it only the optimizer is written")
    _add_keras_options(command)

    command = _add(commands, "torch-to-adam", _torch_to_adam, "state_dicts of a model and of Adam or AdamW become the file of a session")
    command.add_argument("model", metavar="MODEL_FILE", help="the model's state_dict, or a checkpoint with both")
    command.add_argument("optimizer", metavar="OPTIMIZER_FILE", help="the optimizer's state_dict, or the same checkpoint")
    command.add_argument("target", metavar="SESSION_FILE")
    command.add_argument("--parameters", metavar="FILE", help="a JSON array of the parameters' names in the order of the optimizer's groups")
    command.add_argument("--decay", choices=("decoupled", "none"), help="what a weight_decay of torch becomes where the file does not say that it is AdamW's")

    command = _add(commands, "adam-to-torch", _adam_to_torch, "the file of a session becomes state_dicts of a model and of Adam")
    command.add_argument("source", metavar="SESSION_FILE")
    command.add_argument("model", metavar="MODEL_FILE")
    command.add_argument("optimizer", metavar="OPTIMIZER_FILE")
    command.add_argument("--learning-rate", type=float, metavar="NUMBER", help="instead of the session's, which may be a schedule")

    command = _add(commands, "show", _show, "says what the file of a session has, and compares all its checksums")
    command.add_argument("source", metavar="SESSION_FILE")
    return parser


def _add(commands, name: str, run, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_keras_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", metavar="FILE", help="the config.json of an archive, or a serialised optimizer; a .weights.h5 has none")
    command.add_argument("--variables", metavar="FILE", help="the model's variables: json.dumps([[v.path, v.trainable] for v in model.weights])")


# Each direction is loaded when it is used: h5py and torch are needed by theirs alone.
def _keras_to_adam(options) -> None:
    from . import keras_to_adam

    keras_to_adam.convert(options.source, options.target, options.config, options.variables, options.exclude_from_weight_decay)


def _adam_to_keras(options) -> None:
    from . import adam_to_keras

    adam_to_keras.convert(options.source, options.target, options.template, options.config, options.variables)


def _torch_to_adam(options) -> None:
    from . import torch_to_adam

    torch_to_adam.convert(options.model, options.optimizer, options.target, options.parameters, options.decay)


def _adam_to_torch(options) -> None:
    from . import adam_to_torch

    adam_to_torch.convert(options.source, options.model, options.optimizer, options.learning_rate)


def _show(options) -> None:
    from . import show

    show.show(options.source)


if __name__ == "__main__":
    sys.exit(main())
