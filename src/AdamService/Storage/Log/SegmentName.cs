using System.Globalization;

namespace Adam.Service.Storage.Log;

/// <summary>What the files of segments are called: the number of the first record, in twenty digits.</summary>
internal static class SegmentName
{
    private const string Ending = ".log";
    private const int Digits = 20;

    /// <summary>The name of the segment that begins with a record.</summary>
    public static string Of(ulong firstLsn) => firstLsn.ToString("D20", CultureInfo.InvariantCulture) + Ending;

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string name, out ulong firstLsn)
    {
        firstLsn = 0;
        return name.Length == Digits + Ending.Length
            && name.EndsWith(Ending, StringComparison.Ordinal)
            && ulong.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out firstLsn);
    }
}
