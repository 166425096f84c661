using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Adam.Engine;
using Adam.Engine.Threads;

namespace Adam.Bench.StepBench;

/// <summary>
/// The memory's limit: the loads and stores of a step with one addition for each store, with and without asking for memory ahead, cut into
/// tiles or into one part a thread; whichever is fastest counts.
/// </summary>
internal sealed unsafe class Ceiling : IDisposable
{
    private const int TileLength = 64 * 1024;
    private const int ElementsAhead = 512;
    private const int StaggerElements = 80;

    private static readonly bool[] Both = [false, true];

    private readonly Variant _variant;
    private readonly long _elements;
    private readonly StepThreads? _threads;
    private readonly TensorBuffer _gradient;
    private readonly TensorBuffer[] _buffers;
    private readonly TensorView[] _arrays;

    public Ceiling(Variant variant, long elements, StepThreads? threads)
    {
        _variant = variant;
        _elements = elements;
        _threads = threads;
        _gradient = Filled.Gradient(variant.Stored, elements);

        // Staggered as the engine's slots are: arrays that begin at the same place of a page slow each other down.
        _buffers = [.. Enumerable.Range(1, variant.Updated).Select(array => Filled.Gradient(TensorDType.Float32, elements + (array * StaggerElements)))];
        _arrays = [.. _buffers.Select((buffer, array) => buffer.View.Slice((array + 1) * StaggerElements, elements))];
    }

    /// <summary>One pass each way: what is to be timed side by side.</summary>
    public IEnumerable<Action> Ways() =>
        from ahead in Both
        from parts in new[] { (int)Math.Max(1, _elements / TileLength), _threads?.ThreadCount ?? 1 }
        let jobs = Jobs(ahead, parts)
        select (Action)(() =>
        {
            foreach (StepJob job in jobs)
            {
                Run(job);
            }
        });

    public void Dispose()
    {
        _gradient.Dispose();
        Array.ForEach(_buffers, buffer => buffer.Dispose());
    }

    private StepJob[] Jobs(bool ahead, int parts) =>
        _variant.LooksFirst ? [new Pass(this, parts, ahead, 0), new Pass(this, parts, ahead, _variant.Updated)] : [new Pass(this, parts, ahead, _variant.Updated)];

    private void Run(StepJob job)
    {
        if (_threads is { } threads)
        {
            threads.Run(job);
            return;
        }

        for (int item = 0; item < job.ItemCount; item++)
        {
            job.RunItem(item);
        }
    }

    private sealed class Pass : StepJob
    {
        private readonly Ceiling _owner;
        private readonly bool _ahead;
        private readonly int _updated;
        private float _sink;

        public Pass(Ceiling owner, int parts, bool ahead, int updated)
        {
            _owner = owner;
            _ahead = ahead;
            _updated = updated;
            ItemCount = parts;
        }

        public override void RunItem(int item)
        {
            long part = _owner._elements / ItemCount / 16 * 16;
            long start = part * item;
            long end = item == ItemCount - 1 ? _owner._elements : start + part;
            byte* gradient = (byte*)_owner._gradient.View.Address;
            var arrays = stackalloc float*[6];
            for (int i = 0; i < _updated; i++)
            {
                arrays[i] = (float*)_owner._arrays[i].Address;
            }

            bool isShort = _owner._variant.Stored != TensorDType.Float32;
            switch (_updated, _ahead)
            {
                case (0, _):
                    _sink = isShort ? Read<On>(gradient, start, end) : Read<Off>(gradient, start, end);
                    break;
                case (3, true):
                    Update<Three, On>(gradient, isShort, arrays, start, end);
                    break;
                case (3, false):
                    Update<Three, Off>(gradient, isShort, arrays, start, end);
                    break;
                case (4, true):
                    Update<Four, On>(gradient, isShort, arrays, start, end);
                    break;
                case (4, false):
                    Update<Four, Off>(gradient, isShort, arrays, start, end);
                    break;
                case (5, true):
                    Update<Five, On>(gradient, isShort, arrays, start, end);
                    break;
                default:
                    Update<Five, Off>(gradient, isShort, arrays, start, end);
                    break;
            }
        }

        private static void Update<TCount, TAhead>(byte* gradient, bool isShort, float** arrays, long start, long end)
            where TCount : struct, INumber
            where TAhead : struct, INumber
        {
            if (isShort)
            {
                Update<TCount, TAhead, On>(gradient, arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], start, end);
            }
            else
            {
                Update<TCount, TAhead, Off>(gradient, arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], start, end);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Update<TCount, TAhead, TShort>(byte* gradient, float* a, float* b, float* c, float* d, float* e, long start, long end)
            where TCount : struct, INumber
            where TAhead : struct, INumber
            where TShort : struct, INumber
        {
            for (long i = start; i + 16 <= end; i += 16)
            {
                Ahead<TAhead>(gradient + ((i + ElementsAhead) * (TShort.Value == 1 ? 2 : 4)));
                Vector512<float> g = Load<TShort>(gradient, i);
                Add<TAhead>(a + i, g);
                Add<TAhead>(b + i, g);
                Add<TAhead>(c + i, g);
                if (TCount.Value > 3)
                {
                    Add<TAhead>(d + i, g);
                }

                if (TCount.Value > 4)
                {
                    Add<TAhead>(e + i, g);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Read<TShort>(byte* gradient, long start, long end)
            where TShort : struct, INumber
        {
            Vector512<float> one = default, two = default;
            for (long i = start; i + 32 <= end; i += 32)
            {
                one += Load<TShort>(gradient, i);
                two += Load<TShort>(gradient, i + 16);
            }

            return Vector512.Sum(one + two);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Load<TShort>(byte* gradient, long index)
            where TShort : struct, INumber
        {
            if (TShort.Value == 0)
            {
                return Vector512.Load((float*)gradient + index);
            }

            Vector256<ushort> bits = Vector256.Load((ushort*)gradient + index);
            Vector512<uint> wide = Avx512F.IsSupported
                ? Avx512F.ConvertToVector512UInt32(bits)
                : Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits));
            return (wide << 16).AsSingle();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add<TAhead>(float* array, Vector512<float> value)
            where TAhead : struct, INumber
        {
            Ahead<TAhead>((byte*)(array + ElementsAhead));
            (Vector512.Load(array) + value).Store(array);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Ahead<TAhead>(byte* address)
            where TAhead : struct, INumber
        {
            if (TAhead.Value == 1 && Sse.IsSupported)
            {
                Sse.Prefetch0(address);
            }
        }
    }

    private interface INumber
    {
        static abstract int Value { get; }
    }

    private readonly struct Off : INumber
    {
        public static int Value => 0;
    }

    private readonly struct On : INumber
    {
        public static int Value => 1;
    }

    private readonly struct Three : INumber
    {
        public static int Value => 3;
    }

    private readonly struct Four : INumber
    {
        public static int Value => 4;
    }

    private readonly struct Five : INumber
    {
        public static int Value => 5;
    }
}
