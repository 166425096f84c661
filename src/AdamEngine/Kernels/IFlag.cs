namespace Adam.Engine.Kernels;

/// <summary>A constant truth value as a type.</summary>
internal interface IFlag
{
    static abstract bool IsSet { get; }
}
