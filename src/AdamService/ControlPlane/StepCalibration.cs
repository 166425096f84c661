using Adam.Engine;
using Adam.Service.Limits;
using Adam.Service.Threads;

namespace Adam.Service.ControlPlane;

/// <summary>
/// Measures how fast this machine takes steps, when somebody first asks: plain Adam in float32, of sizes within the caches and beyond them, with the
/// service's step threads. It takes tens of milliseconds on one of the engine's threads and is done once.
/// </summary>
internal sealed class StepCalibration(EngineThreads threads, StepThreads stepThreads, MemoryBudget budget, TimeProvider time)
{
    // The first is all overhead, the second lies in the second-level caches, the last beyond any cache: 16 bytes an element.
    private const int LargestElements = 4 << 20;
    private const int ManyTensors = 256;
    private const int ElementsOfMany = 16;
    private const int StepsMax = 1000;

    // The best of as many steps as this has room for: a processor takes a while to wake, and others use it, too.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);
    private static readonly int[] SmallElements = [1 << 12, 1 << 15];

    private readonly SerialQueue _queue = new(threads, 1);
    private readonly Lock _lock = new();
    private Task<(StepRates Rates, bool IsWhole)>? _measured;

    /// <summary>The rates. Where there was no memory for the largest step they are those of the caches, and are measured again the next time.</summary>
    public async Task<StepRates> RatesAsync()
    {
        Task<(StepRates Rates, bool IsWhole)> measured;
        lock (_lock)
        {
            if (_measured is null || _measured.IsFaulted || (_measured.IsCompletedSuccessfully && !_measured.Result.IsWhole))
            {
                _measured = _queue.RunAsync(Measure, CancellationToken.None);
            }

            measured = _measured;
        }

        return (await measured).Rates;
    }

    private (StepRates Rates, bool IsWhole) Measure()
    {
        // The many first: their steps make the code ready that all others run.
        var many = Seconds([.. Enumerable.Repeat(ElementsOfMany, ManyTensors)]);
        var points = SmallElements.Select(elements => (Bytes(elements), Seconds([elements]))).ToList();
        var needed = LargestElements * 4L * sizeof(float);
        var isWhole = budget.TryReserve(needed);
        if (isWhole)
        {
            try
            {
                points.Add((Bytes(LargestElements), Seconds([LargestElements])));
            }
            finally
            {
                budget.Release(needed);
            }
        }

        return (new StepRates(points, Math.Max(0, many - points[0].Item2) / (ManyTensors - 1)), isWhole);
    }

    private static double Bytes(int elements) => (double)StepTraffic.Bytes(new OptimizerOptions(), [new VariableSpec("t", [elements])], TensorDType.Float32);

    private double Seconds(int[] elements)
    {
        VariableSpec[] variables = [.. elements.Select((count, index) => new VariableSpec($"t{index}", [count]))];
        using var optimizer = new AdamOptimizer(new OptimizerOptions(), variables, stepThreads);
        var buffers = elements.Select(count => new TensorBuffer(TensorDType.Float32, count)).ToArray();
        try
        {
            foreach (var buffer in buffers)
            {
                // Written, because the system backs memory that nobody has written with one page for all of it.
                buffer.View.Clear();
            }

            Gradient[] gradients = [.. buffers.Select((buffer, index) => new Gradient(index, buffer.View))];
            optimizer.Apply(gradients);
            var (begin, best) = (time.GetTimestamp(), double.MaxValue);
            for (var steps = 0; steps == 0 || (steps < StepsMax && time.GetElapsedTime(begin) < Patience); steps++)
            {
                var start = time.GetTimestamp();
                optimizer.Apply(gradients);
                best = Math.Min(best, time.GetElapsedTime(start).TotalSeconds);
            }

            return best;
        }
        finally
        {
            foreach (var buffer in buffers)
            {
                buffer.Dispose();
            }
        }
    }
}
