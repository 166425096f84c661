using System.CommandLine;

namespace Adam.Service.CommandLine;

/// <summary>The command line: <c>AdamService [serve|healthcheck|checkpoint|verify|replay] [options]</c>.</summary>
internal static class AdamCommand
{
    /// <summary>Makes the parser. Without a verb the service is served.</summary>
    public static RootCommand Create()
    {
        var serve = new ServeCommand();
        var root = new RootCommand("The optimizer as a service: keras.optimizers.Adam behind gRPC.")
        {
            serve.Verb, HealthcheckCommand.Create(), CheckpointCommand.Create(), VerifyCommand.Create(), ReplayCommand.Create(),
        };
        serve.AddOptionsTo(root);
        root.SetAction(serve.RunAsync);
        return root;
    }
}
