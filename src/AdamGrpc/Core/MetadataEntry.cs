using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    /// <summary>One key with its value. Cannot be changed.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "The nesting is the official one.")]
    public sealed class Entry
    {
        private static readonly SearchValues<char> KeyCharacters =
            SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

        private readonly string? _value;
        private readonly byte[]? _bytes;

        /// <summary>Makes a binary entry.</summary>
        /// <param name="key">The key, ending with <c>-bin</c>; it is stored in lower case.</param>
        /// <param name="valueBytes">The value; a copy is taken.</param>
        /// <exception cref="ArgumentException">The key is malformed or does not end with <c>-bin</c>.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = NormalizeKey(key);
            if (!IsBinary)
            {
                throw new ArgumentException($"The key of a binary entry has to end with '{BinaryHeaderSuffix}'.", nameof(key));
            }

            _bytes = (byte[])valueBytes.Clone();
        }

        /// <summary>Makes a text entry.</summary>
        /// <param name="key">The key, not ending with <c>-bin</c>; it is stored in lower case.</param>
        /// <param name="value">The value, printable ASCII.</param>
        /// <exception cref="ArgumentException">The key is malformed or ends with <c>-bin</c>.</exception>
        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = NormalizeKey(key);
            if (IsBinary)
            {
                throw new ArgumentException($"The key of a text entry must not end with '{BinaryHeaderSuffix}'.", nameof(key));
            }

            _value = value;
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>The value of a text entry.</summary>
        /// <exception cref="InvalidOperationException">The entry is binary.</exception>
        public string Value => _value ?? throw new InvalidOperationException($"The metadata entry '{Key}' is binary: read ValueBytes.");

        /// <summary>A copy of the bytes of a binary entry, or the ASCII bytes of a text entry.</summary>
        [SuppressMessage("Performance", "CA1819", Justification = "The official shape; a copy is given.")]
        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_value!) : (byte[])_bytes.Clone();

        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        internal ReadOnlySpan<byte> BinaryValue => _bytes;

        /// <summary>The key and the value, for logs.</summary>
        public override string ToString() => _bytes is null
            ? $"[Entry: key={Key}, value={_value}]"
            : $"[Entry: key={Key}, valueBytes={_bytes.Length} bytes]";

        [SuppressMessage("Globalization", "CA1308", Justification = "Header names of HTTP/2 are lower case.")]
        private static string NormalizeKey(string key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            string lower = key.ToLowerInvariant();
            if (lower.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                throw new ArgumentException(
                    "A metadata key consists of letters, digits, underscores, hyphens and dots.", nameof(key));
            }

            return lower;
        }
    }
}
