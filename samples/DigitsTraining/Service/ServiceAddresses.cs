using System.Text.Json.Serialization;

namespace Adam.Samples.DigitsTraining.Service;

/// <summary>What the service writes into its address file once it listens.</summary>
/// <param name="Grpc">Where it takes gRPC calls.</param>
/// <param name="Http">Where it answers the probes over HTTP/1.1.</param>
/// <param name="ProcessId">Its process.</param>
internal sealed record ServiceAddresses(
    [property: JsonPropertyName("grpc")] Uri Grpc,
    [property: JsonPropertyName("http")] Uri Http,
    [property: JsonPropertyName("pid")] int ProcessId);
