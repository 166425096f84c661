"""What the file of a session has, for people."""

from . import session_file as sf


def show(source) -> None:
    """Prints it, after every checksum was compared."""
    session = sf.read(source)
    print(f"{source}: intact; version {session.version}, {len(session.tensors)} tensors, {session.workers} workers")
    for index, group in enumerate(session.groups):
        rate = group.get("learningRate")
        print(f"group {index}: iterations {group.get('iterations', 0)}" + (f", learning rate {rate}" if rate else ""))
    if session.loss_scale is not None:
        print(f"loss scale: {session.loss_scale}")
    print(f"Keras: {session.keras_config or 'has no such optimizer'}")
    for tensor in session.tensors:
        slots = ", ".join(sf.SUFFIXES[slot][1:] for slot in tensor.slots if slot != sf.WEIGHTS)
        print(f"{tensor.name}: {tensor.weights.dtype} {list(tensor.weights.shape)}, {tensor.role.rpartition('_')[2].lower()}" + (f"; {slots}" if slots else ""))
