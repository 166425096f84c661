using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>Reads a file mostly forwards, many small pieces with one call.</summary>
/// <param name="file">The file.</param>
internal sealed class FileWindow(DurableFile file)
{
    /// <summary>How much it reads at a time, unless more is asked for.</summary>
    public const int Bytes = 64 << 10;

    private byte[] _window = new byte[Bytes];
    private long _offset;
    private int _length;

    /// <summary>The bytes at a place, fewer only where the file ends. They are there until the next call.</summary>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public ReadOnlySpan<byte> At(long offset, int count)
    {
        if (offset < _offset || offset + count > _offset + _length)
        {
            if (count > _window.Length)
            {
                _window = new byte[count];
            }

            _length = 0;
            _length = file.Read(_window, offset);
            _offset = offset;
        }

        var start = (int)(offset - _offset);
        return _window.AsSpan(start, Math.Min(count, _length - start));
    }
}
