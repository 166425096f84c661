using System.CommandLine;
using System.Globalization;
using System.Text;
using Adam.Bench.StepBench;
using Adam.Engine;
using Adam.Engine.Kernels;

var quick = new Option<bool>("--quick") { Description = "Tiny sizes and few rounds: only to see that everything runs." };
var sizes = new Option<int[]>("--sizes")
{
    Description = "Sizes in Ki parameters (1024 is 1 Mi).",
    DefaultValueFactory = _ => [4, 64, 1024, 32768],
    AllowMultipleArgumentsPerToken = true,
};
var variants = new Option<string[]>("--variants") { Description = "Names of variants; all if left out.", AllowMultipleArgumentsPerToken = true };
var models = new Option<bool>("--models") { Description = "Also the tensors of ResNet-50 and GPT-2 small." };
var torch = new Option<bool>("--torch") { Description = "Also torch.optim.Adam, from Debian's python3-torch." };
var rounds = new Option<int>("--rounds") { Description = "Rounds; the median counts.", DefaultValueFactory = _ => 9 };
var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the table to a file, too." };
var command = new RootCommand("The engine's step beside the memory's limit.") { quick, sizes, variants, models, torch, rounds, markdown };

command.SetAction(arguments =>
{
    bool isQuick = arguments.GetValue(quick);
    var table = new Table();
    var bench = new Bench(table, new Stopwatches(isQuick ? 3 : arguments.GetValue(rounds), isQuick ? 0.001 : 0.03));
    string[] names = arguments.GetValue(variants) ?? [];
    List<Variant> chosen = [.. Variant.All.Where(variant => names.Length == 0 || names.Contains(variant.Name))];
    foreach (long elements in (isQuick ? [4, 256] : arguments.GetValue(sizes)!).Select(size => size * 1024L))
    {
        bench.Flat(elements, chosen);
    }

    if (isQuick || arguments.GetValue(models))
    {
        bench.Model("ResNet-50", Models.ResNet50());
        if (!isQuick)
        {
            bench.Model("GPT-2 small", Models.Gpt2Small());
        }
    }

    if (arguments.GetValue(torch))
    {
        bench.Torch(32 << 20);
    }

    if (arguments.GetValue(markdown) is { } file)
    {
        File.WriteAllText(file.FullName, table.ToString(), Encoding.UTF8);
    }
});

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return command.Parse(args).Invoke();
