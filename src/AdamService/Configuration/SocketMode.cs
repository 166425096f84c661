namespace Adam.Service.Configuration;

/// <summary>Reads the mode of a file, three octal digits.</summary>
internal static class SocketMode
{
    /// <summary>Accepts <c>000</c> to <c>777</c>.</summary>
    public static bool TryParse(string? text, out UnixFileMode mode)
    {
        mode = UnixFileMode.None;
        if (text is not { Length: 3 } || text.Any(digit => digit is < '0' or > '7'))
        {
            return false;
        }

        mode = (UnixFileMode)Convert.ToInt32(text, 8);
        return true;
    }
}
