using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Gradients;

/// <summary>Lists of rows: sorted, added up in the order of the list, with one rounding for each addition, by vectors of every width.</summary>
public sealed class RowSumsTests
{
    public static TheoryData<TensorDType, TensorDType> Types => new()
    {
        { TensorDType.Float32, TensorDType.Float32 },
        { TensorDType.Float16, TensorDType.Float32 },
        { TensorDType.BFloat16, TensorDType.Float32 },
        { TensorDType.Float32, TensorDType.Float16 },
        { TensorDType.Float16, TensorDType.Float16 },
        { TensorDType.BFloat16, TensorDType.Float16 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void ToDense_DrawnLists_AddsInTheOrderOfTheList(TensorDType stored, TensorDType type)
    {
        var random = new SeededRandom(3);
        for (int draw = 0; draw < 60; draw++)
        {
            (int rows, int length) = (1 + random.Below(9), 1 + random.Below(40));
            long[] ids = [.. Enumerable.Range(0, random.Below(25)).Select(_ => (long)random.Below(rows))];
            using var values = new TensorBuffer(stored, ids.Length * length);
            values.View.Write(random.Finite(ids.Length * length));
            float[] read = [.. values.View.ToFloats().Select(value => Round(type, value))];
            float[] expected = new float[rows * length];
            var seen = new HashSet<long>();
            for (int place = 0; place < ids.Length; place++)
            {
                bool isFirst = seen.Add(ids[place]);
                for (int i = 0; i < length; i++)
                {
                    ref float sum = ref expected[(ids[place] * length) + i];
                    float value = read[(place * length) + i];
                    sum = isFirst ? value : Round(type, sum + value);
                }
            }

            ulong[] order = new ulong[ids.Length];
            int different = RowSums.Sort(ids, order);
            Assert.Equal(seen.Count, different);
            foreach (KernelWidth width in Enum.GetValues<KernelWidth>())
            {
                using var dense = new TensorBuffer(type, rows * length);
                RowSums.ToDense(width, order, values.View, length, dense.View);
                Bits.AssertSame(expected, dense.View.ToFloats(), $"draw {draw}, {width}");

                using var sums = new TensorBuffer(type, different * length);
                long[] unique = new long[different];
                RowSums.Sum(width, order, values.View, length, unique, sums.View);
                Assert.Equal(seen.Order(), unique);
                Bits.AssertSame(
                    [.. unique.SelectMany(row => expected.Skip((int)row * length).Take(length))], sums.View.ToFloats(), $"draw {draw}, {width}");
            }
        }
    }

    [Fact]
    public void Sum_ARowThatIsListedOnce_KeepsTheSignOfZero()
    {
        ulong[] order = new ulong[1];
        RowSums.Sort([4], order);
        using TensorBuffer values = TensorBuffer.Of([-0f]), sums = new TensorBuffer(TensorDType.Float32, 1);

        RowSums.Sum(order, values.View, 1, new long[1], sums.View);

        Bits.AssertSame(-0f, sums.View.Span<float>()[0], "sum");
    }

    [Theory]
    [InlineData(new long[] { }, true)]
    [InlineData(new long[] { 3 }, true)]
    [InlineData(new long[] { 0, 1, 7 }, true)]
    [InlineData(new long[] { 0, 1, 1 }, false)]
    [InlineData(new long[] { 2, 1 }, false)]
    public void IsAscending_Lists_AsTheyAre(long[] ids, bool expected) => Assert.Equal(expected, RowSums.IsAscending(ids));

    [Theory]
    [InlineData(-1)]
    [InlineData((long)RowSums.RowsMax)]
    public void Sort_RowOutOfRange_Throws(long id) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RowSums.Sort([0, id], new ulong[2]));

    [Fact]
    public void Sum_LengthsThatDoNotFit_Throws()
    {
        ulong[] order = new ulong[2];
        RowSums.Sort([5, 1], order);
        using TensorBuffer two = TensorBuffer.Of([1f, 2f]), three = TensorBuffer.Of([1f, 2f, 3f]), short16 = new TensorBuffer(TensorDType.BFloat16, 2);

        Assert.Throws<ArgumentException>(() => RowSums.Sort([1], new ulong[2]));
        Assert.Throws<ArgumentException>(() => RowSums.Sum(order, three.View, 1, new long[2], two.View));
        Assert.Throws<ArgumentException>(() => RowSums.Sum(order, two.View, 1, new long[2], three.View));
        Assert.Throws<ArgumentException>(() => RowSums.Sum(order, two.View, 1, new long[3], three.View));
        Assert.Throws<ArgumentException>(() => RowSums.Sum(order, two.View, 1, new long[1], two.View.Slice(0, 1)));
        Assert.Throws<ArgumentException>(() => RowSums.Sum(order, two.View, 1, new long[2], short16.View));
        Assert.Throws<ArgumentException>(() => RowSums.ToDense(order, two.View, 1, three.View));
    }

    private static float Round(TensorDType type, float value) => type == TensorDType.Float16 ? (float)(Half)value : value;
}
