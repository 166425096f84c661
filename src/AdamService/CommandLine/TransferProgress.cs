using System.Globalization;

namespace Adam.Service.CommandLine;

/// <summary>Says how far a large file is, at each tenth of it. Of small ones nothing is said.</summary>
/// <param name="path">The file.</param>
/// <param name="totalBytes">Its length.</param>
/// <param name="output">Where it is said.</param>
internal sealed class TransferProgress(string path, long totalBytes, TextWriter output)
{
    /// <summary>Files of fewer bytes are small.</summary>
    public const long BytesMin = 64L << 20;

    private const int TenthPercent = 10;

    private long _next = TenthPercent;

    /// <summary>So many bytes have been transferred.</summary>
    public void Report(long bytes)
    {
        var percent = totalBytes < BytesMin ? 0 : (long)((Int128)bytes * 100 / totalBytes);
        if (percent >= _next)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {percent} % of {totalBytes >> 20} MiB"));
            _next = (percent / TenthPercent * TenthPercent) + TenthPercent;
        }
    }
}
