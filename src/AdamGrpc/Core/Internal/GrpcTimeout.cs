using System.Globalization;

namespace Grpc.Core.Internal;

/// <summary>The text of a <c>grpc-timeout</c> header: up to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int DigitsMax = 8;
    private const long ValueMax = 99_999_999;
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private const long NanosecondsPerTick = TimeSpan.NanosecondsPerTick;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a header. The largest value, 99,999,999 hours, fits a time span, so nothing overflows.</summary>
    /// <returns>False when the header is malformed.</returns>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length < 2 || text.Length > DigitsMax + 1
            || text.AsSpan(0, text.Length - 1).ContainsAnyExceptInRange('0', '9') // TryParse takes zero bytes at the end.
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return false;
        }

        char unit = text[^1];
        if (unit == 'n')
        {
            timeout = TimeSpan.FromTicks(value / NanosecondsPerTick);
            return true;
        }

        foreach ((char candidate, long ticks) in Units)
        {
            if (unit == candidate)
            {
                timeout = TimeSpan.FromTicks(value * ticks);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes a header in the finest unit that holds the time. Rounds up, so that the server never gives up before the client.
    /// </summary>
    public static string Format(TimeSpan timeout)
    {
        foreach ((char unit, long ticks) in Units)
        {
            long value = timeout.Ticks / ticks;
            if (timeout.Ticks % ticks != 0)
            {
                value++;
            }

            if (value <= ValueMax)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, value)}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{ValueMax}H");
    }
}
