namespace Adam.Engine.Kernels;

/// <summary>False.</summary>
internal readonly struct Off : IFlag
{
    public static bool IsSet => false;
}
