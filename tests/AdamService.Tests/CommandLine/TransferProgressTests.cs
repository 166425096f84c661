using Adam.Service.CommandLine;

namespace Adam.Service.Tests.CommandLine;

public sealed class TransferProgressTests
{
    [Fact]
    public void Report_LargeFile_SaysEachTenthOnce()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var progress = new TransferProgress("f", 100L << 20, output);

        foreach (var mebibytes in (long[])[1, 9, 10, 11, 35, 39, 40, 100])
        {
            progress.Report(mebibytes << 20);
        }

        Assert.Equal("f: 10 % of 100 MiB\nf: 35 % of 100 MiB\nf: 40 % of 100 MiB\nf: 100 % of 100 MiB\n", output.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(TransferProgress.BytesMin - 1)]
    public void Report_SmallFile_SaysNothing(long total)
    {
        using var output = new StringWriter();

        new TransferProgress("f", total, output).Report(total);

        Assert.Equal("", output.ToString());
    }
}
