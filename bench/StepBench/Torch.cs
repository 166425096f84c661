using System.Diagnostics;
using System.Globalization;

namespace Adam.Bench.StepBench;

/// <summary><c>torch.optim.Adam</c> in a Python process of its own.</summary>
internal static class Torch
{
    /// <summary>The seconds of a step.</summary>
    /// <exception cref="InvalidOperationException">Python or torch is not there; says how to get it.</exception>
    public static double Seconds(long elements, int threads)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "torch_adam.py"));
        start.ArgumentList.Add(elements.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(threads.ToString(CultureInfo.InvariantCulture));
        using var process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture) / 1e3
            : throw new InvalidOperationException(errors.Trim());
    }
}
