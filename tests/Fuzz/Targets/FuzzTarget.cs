using Adam.Fuzz.Mutation;
using Adam.Fuzz.Randomness;

namespace Adam.Fuzz.Targets;

/// <summary>One reader of bytes that a client sends. Every thread has its own instance, and one input leaves nothing behind for the next.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>The name on the command line, and of the folder of its seeds.</summary>
    public abstract string Name { get; }

    /// <summary>What a long run must see at least once: a fuzzer whose every input is refused at the door tests the door.</summary>
    public abstract IReadOnlyList<string> Outcomes { get; }

    /// <summary>Valid inputs, by name: what is committed as seeds.</summary>
    public abstract IEnumerable<(string Name, byte[] Input)> MakeSeeds();

    /// <summary>Makes an input.</summary>
    public virtual byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random) =>
        ByteMutator.Mutate(random.Pick(seeds), random.Pick(seeds), random);

    /// <summary>Gives an input to the code under test, and everything it depends on comes from the input.</summary>
    /// <returns>What became of it, in a word, for the count: OK, or the status that a client would get.</returns>
    /// <exception cref="Exception">A finding, whatever it is: exceptions that carry a status are caught inside.</exception>
    public abstract string Run(byte[] input);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what the target has started.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
