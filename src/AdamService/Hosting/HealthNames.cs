namespace Adam.Service.Hosting;

/// <summary>The names under which <c>grpc.health.v1</c> knows the service: the empty one is the whole of it.</summary>
internal static class HealthNames
{
    public static readonly string[] All =
    [
        "",
        V1.Sessions.Descriptor.FullName,
        V1.Training.Descriptor.FullName,
        V1.Checkpoints.Descriptor.FullName,
    ];
}
