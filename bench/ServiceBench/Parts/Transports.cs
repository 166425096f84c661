using System.Security.Cryptography.X509Certificates;
using Adam.Bench.ServiceBench.Peers;
using Adam.Client.Tests.Support;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>The ways to the service.</summary>
internal sealed class Transports : SocketPart
{
    public override string Name => "transports";

    protected override string TitleOf(Workload workload) => "Transports";

    protected override async Task EnterAsync(Participants participants)
    {
        using var certificates = new TestCertificates();
        var tcp = await participants.ServeAsync();
        var unix = await participants.ServeAsync(new Uri($"unix://{participants.PathOf("grpc.sock")}"));
        var tls = await participants.ServeAsync(new Uri("https://127.0.0.1:0"), WriteTls(participants, certificates.Service));
        var trainers = new[]
        {
            ("TCP", await participants.TrainAsync(tcp)),
            ("Unix socket", await participants.TrainAsync(unix)),
            ("TCP with TLS", await participants.TrainAsync(tls, authority: certificates.Authority)),
        };
        foreach (var (exchange, options) in new[] { ("float32", Exchange.Float32), ("bfloat16", Exchange.BFloat16) })
        {
            foreach (var (transport, trainer) in trainers)
            {
                participants.Add($"{exchange} in and out, {transport}", trainer, options);
            }
        }

        if (participants.Workload.IsSmall)
        {
            participants.Add(await UnaryPeer.StartAsync(tcp.Url, participants.Workload));
        }
    }

    private static string[] WriteTls(Participants participants, X509Certificate2 certificate)
    {
        var (chain, key) = (participants.PathOf("tls.crt"), participants.PathOf("tls.key"));
        File.WriteAllText(chain, certificate.ExportCertificatePem());
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return [$"Tls:CertificateFile={chain}", $"Tls:KeyFile={key}"];
    }
}
