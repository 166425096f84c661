namespace Adam.Engine.Kernels;

/// <summary>True.</summary>
internal readonly struct On : IFlag
{
    public static bool IsSet => true;
}
