"""Converts optimizer state between Keras's files, torch's files, and the files of sessions that the service exports and imports.

The parts: `crc32c`, `safetensors` and `session_file` are the service's side and need numpy alone; `keras_files`, `keras_variables` and `keras_optimizer` are
Keras's and need h5py; `torch_files` is torch's and needs torch. One module for each direction stands on top of them.
"""
