namespace Adam.Client.Internal;

/// <summary>Fields of the contract that are left out where the caller said nothing.</summary>
internal static class Given
{
    public static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
