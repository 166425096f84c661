namespace Adam.Service.Tests.Attacks;

/// <summary>Attacks run one after the other and beside nothing else: they measure the memory of the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneByOne
{
    public const string Name = "Attacks";
}
