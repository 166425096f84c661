using System.Diagnostics;

namespace Adam.Samples.DigitsTraining.Service;

/// <summary>The last lines that a process wrote, so that there is something to show when it fails.</summary>
internal sealed class OutputTail
{
    private const int LinesMax = 60;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();

    /// <summary>Takes a line of standard output or standard error.</summary>
    public void OnLine(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_lock)
        {
            _lines.Enqueue(line.Data);
            if (_lines.Count > LinesMax)
            {
                _lines.Dequeue();
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join(Environment.NewLine, _lines);
        }
    }
}
