using System.Runtime.InteropServices;
using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.Durability;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Durability;

/// <summary>Sessions without a service around them.</summary>
internal sealed class SessionLab : IDisposable
{
    private readonly EngineThreads _threads = new();

    public SessionLab(long memoryBytes = 1 << 30)
    {
        var limits = Options.Create(new LimitsOptions { MemoryBytes = memoryBytes });
        Budget = new MemoryBudget(limits);
        Factory = new SessionFactory(
            limits, Options.Create(new DurabilityOptions { Directory = "somewhere" }), Budget, _threads, StepThreads, Starts, TimeProvider.System);
    }

    public StartCount Starts { get; } = new();

    public MemoryBudget Budget { get; }

    public SessionFactory Factory { get; }

    public StepThreads StepThreads { get; } = new(2);

    public SessionActor Create(CreateSessionRequest request) => Factory.Create(Factory.Define(request), request);

    /// <summary>Trains with numbers that depend on the step alone; every worker's result is kept as a batch's would be.</summary>
    public static Task TrainAsync(SessionActor session, int first, int steps) => session.ChangeAsync(
        core =>
        {
            for (var step = first; step < first + steps; step++)
            {
                Step(core, step);
            }

            return true;
        },
        CancellationToken.None);

    /// <summary>The bytes of every array.</summary>
    public static Task<IReadOnlyDictionary<string, byte[]>> ArraysAsync(SessionActor session) => session.RunAsync(
        core => (IReadOnlyDictionary<string, byte[]>)SessionArrays.Of(session.Definition).ToDictionary(
            array => array.Name, array => core.Optimizer.Slot(array.Tensor, array.Slot).Bytes(0, (int)array.ElementCount).ToArray()),
        CancellationToken.None);

    public static Task<Adam.Storage.V1.SessionState> RecordAsync(SessionActor session) =>
        session.RunAsync(core => SessionRecord.Write(session, core), CancellationToken.None);

    public Task<StateCopy> CopyAsync(SessionActor session) => StateCopy.TakeAsync(session, Budget, StepThreads, CancellationToken.None);

    public void Dispose()
    {
        _threads.Dispose();
        StepThreads.Dispose();
    }

    private static void Step(SessionCore core, int step)
    {
        var gradients = new List<Gradient>();
        var buffers = new List<TensorBuffer>();
        foreach (var index in core.Definition.TrainableIndexes)
        {
            var spec = core.Definition.Tensors[index];
            var values = Floats.Random((int)spec.ElementCount, (step * 100) + index);

            // Now and then a step that is skipped where there is somebody who skips.
            if (step % 5 == 4 && core.Optimizer.LossScale is not null)
            {
                values[0] = float.PositiveInfinity;
            }


            buffers.Add(spec.DType == TensorDType.Float16 ? TensorBuffer.Of([.. values.Select(value => (Half)value)]) : TensorBuffer.Of(values));
            gradients.Add(new Gradient(index, buffers[^1].View));
        }

        core.Optimizer.Apply(CollectionsMarshal.AsSpan(gradients));
        buffers.ForEach(buffer => buffer.Dispose());
        core.Versions.NoteStep(core.Optimizer, core.NextVersion());
        var worker = core.Workers.FindOrMake($"w{step % 2}");
        core.Workers.Keep(worker);
        worker.Results.Add(new BatchResult { Sequence = worker.NextSequence, Outcome = BatchOutcome.Applied, Version = core.Version });
        worker.NextSequence++;
        worker.ClientCursor = ByteString.CopyFromUtf8($"cursor {step}");
    }
}
