using Adam.Bench.ServiceBench.Peers;
using Adam.Client;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>A list of rows as the gradient of a table of embeddings, with Keras's dense meaning and lazy, beside a dense gradient.</summary>
internal sealed class SparseRows : SocketPart
{
    public override string Name => "rows";

    public override bool Suits(Workload workload) => workload.RowLength is not null;

    protected override string TitleOf(Workload workload) =>
        $"Rows of the first tensor, {EmbeddingRows.Of(workload).Count:N0} of {workload.Shapes[0][0]:N0}, over TCP";

    protected override async Task EnterAsync(Participants participants)
    {
        var rows = EmbeddingRows.Of(participants.Workload);
        var gradients = rows.Gradients(participants.Memory);
        var service = await participants.ServeAsync();
        var dense = await participants.TrainAsync(service);
        var lazy = await participants.TrainAsync(service, Lazy(participants.Session));
        participants.Add(new EnginePeer("the engine, in process, lazy rows", participants.Workload, rows: rows));
        participants.Add("all rows in, weights out", dense, Exchange.Float32);
        participants.Add("rows in with dense meaning, weights out", dense, Exchange.Float32, gradients);
        participants.Add("rows in with dense meaning, nothing out", dense, Exchange.Nothing, gradients);
        participants.Add("lazy rows in, weights of changed rows out", lazy, Exchange.Float32, gradients);
        participants.Add("lazy rows in, nothing out", lazy, Exchange.Nothing, gradients);
    }

    private static SessionSpec Lazy(SessionSpec session) =>
        session with { Tensors = [session.Tensors[0] with { RowUpdates = RowUpdates.Lazy }, .. session.Tensors.Skip(1)] };
}
