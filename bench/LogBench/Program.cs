using System.CommandLine;
using System.Globalization;
using Adam.Bench.LogBench;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var quick = new Option<bool>("--quick") { Description = "Tiny sizes and few rounds: only to see that everything runs." };
var rounds = new Option<int>("--rounds") { Description = "Turns of each; the median counts.", DefaultValueFactory = _ => 9 };
var mebibytes = new Option<int>("--mebibytes") { Description = "The size of a large batch.", DefaultValueFactory = _ => 128 };
var appenders = new Option<int>("--appenders") { Description = "Who append small entries at the same time.", DefaultValueFactory = _ => 64 };
var entries = new Option<int>("--entries") { Description = "How many small entries they append together.", DefaultValueFactory = _ => 64_000 };
var folder = new Option<DirectoryInfo?>("--folder") { Description = "Where to write: a folder on the disk in question. The system's temporary folder, if left out." };
var command = new RootCommand("The log beside bare writes of the same bytes, and commits for each synchronisation.")
{
    quick, rounds, mebibytes, appenders, entries, folder,
};
command.SetAction(async given =>
{
    var isQuick = given.GetValue(quick);
    var parent = given.GetValue(folder)?.FullName ?? Path.GetTempPath();
    var own = Directory.CreateDirectory(Path.Combine(parent, $"log-bench-{Environment.ProcessId}")).FullName;
    try
    {
        await BatchBench.RunAsync(own, isQuick ? 300_000 : (long)given.GetValue(mebibytes) << 20, isQuick ? 2 : given.GetValue(rounds));
        await CommitBench.RunAsync(own, isQuick ? 4 : given.GetValue(appenders), 4096, isQuick ? 40 : given.GetValue(entries));
    }
    finally
    {
        Directory.Delete(own, recursive: true);
    }
});
return await command.Parse(args).InvokeAsync();
