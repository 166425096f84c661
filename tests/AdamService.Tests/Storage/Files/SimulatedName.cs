namespace Adam.Service.Tests.Storage.Files;

/// <summary>A change of a directory's names.</summary>
/// <param name="From">The name that goes.</param>
/// <param name="To">The name that comes.</param>
/// <param name="File">The file that has it.</param>
internal sealed record SimulatedName(string? From, string? To, SimulatedInode File)
{
    public void ApplyTo(Dictionary<string, SimulatedInode> names)
    {
        if (From is not null)
        {
            names.Remove(From);
        }

        if (To is not null)
        {
            names[To] = File;
        }
    }
}
