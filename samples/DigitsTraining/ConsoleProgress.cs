using System.Globalization;
using Adam.Samples.DigitsTraining.Training;

namespace Adam.Samples.DigitsTraining;

/// <summary>Shows a training run: a bar that grows on a terminal, one line an epoch everywhere.</summary>
internal sealed class ConsoleProgress(TextWriter output, bool isTerminal, int epochs) : ITrainingProgress
{
    private const int BarWidth = 24;

    private int _drawn = -1;

    public void StepTaken(int epoch, int step, int stepsPerEpoch)
    {
        // A bar is drawn again only when it has grown, and never into a file or a pipe.
        var filled = BarWidth * step / stepsPerEpoch;
        if (isTerminal && filled != _drawn)
        {
            _drawn = filled;
            output.Write($"\r{Head(epoch)} [{Bar(filled)}]");
            output.Flush();
        }
    }

    public void EpochDone(EpochReport report)
    {
        _drawn = -1;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Head(report.Epoch)} [{Bar(BarWidth)}] loss {report.Loss:0.0000}  train {report.TrainAccuracy * 100:0.00} %  "
            + $"test {report.TestAccuracy * 100:0.00} %  {report.StepsPerSecond:0} steps/s");
        output.WriteLine(isTerminal ? "\r" + line : line);
    }

    private string Head(int epoch)
    {
        var last = epochs.ToString(CultureInfo.InvariantCulture);
        return $"epoch {epoch.ToString(CultureInfo.InvariantCulture).PadLeft(last.Length)}/{last}";
    }

    private static string Bar(int filled) => new string('#', filled).PadRight(BarWidth, '.');
}
