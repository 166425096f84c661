namespace Adam.Client.Tests.Support;

/// <summary>The tests that share one running service.</summary>
[CollectionDefinition(Name)]
public sealed class ServiceGroup : ICollectionFixture<ServiceFixture>
{
    public const string Name = "service";
}
