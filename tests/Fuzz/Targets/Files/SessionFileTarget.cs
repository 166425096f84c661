using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Adam.Engine;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Fuzz.Targets.Files;

/// <summary>
/// A session's file as a client sends it. Input: a byte, then a file, or then the record alone, which is sealed here: mutations of a whole file
/// hardly ever get past its checksums.
/// </summary>
internal sealed partial class SessionFileTarget : FuzzTarget
{
    private const byte WholeFile = 0;
    private const byte RecordAlone = 1;

    private readonly MemoryBudget _budget;
    private readonly EngineThreads _threads = new();
    private readonly StepThreads _step = new(1);
    private readonly SessionFactory _factory;
    private readonly string _record;

    public SessionFileTarget()
    {
        var limits = new ServiceLimits();
        _budget = new MemoryBudget(limits);
        _factory = new SessionFactory(
            limits, Options.Create(new DurabilityOptions()), _budget, _threads, _step, new StartCount(), new StoppedClock());
        _record = Make().Record;
    }

    public override string Name => "session-file";

    public override IReadOnlyList<string> Outcomes => ["OK", "Header", "Record", "Definition"];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds()
    {
        var (file, record) = Make();
        return
        [
            ("file", [WholeFile, .. file]),
            ("record", [RecordAlone, .. Encoding.UTF8.GetBytes(record)]),
            ("empty", [WholeFile, 2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']),
        ];
    }

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (!random.OneIn(4))
        {
            return [RecordAlone, .. Encoding.UTF8.GetBytes(Change(_record, random))];
        }

        var input = base.MakeInput(seeds, random);
        if (input.Length > 0)
        {
            input[0] &= 1;
        }

        return input;
    }

    public override string Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return "Header";
        }

        try
        {
            return input[0] == RecordAlone ? Read(Seal(input.AsSpan(1))) : Read(input.AsSpan(1));
        }
        catch (SafetensorsException refused)
        {
            OracleException.ThrowUnless(refused.Offset >= 0, "A place before the file.");
            return "Header";
        }
        catch (SessionRecordException)
        {
            return "Record";
        }
        catch (ServiceException)
        {
            return "Definition";
        }
        finally
        {
            OracleException.ThrowUnless(_budget.ReservedBytes == 0, "Memory stayed behind.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _threads.Dispose();
            _step.Dispose();
        }

        base.Dispose(disposing);
    }

    // A record that is still JSON: numbers and texts in it become others.
    private static string Change(string record, Prng random)
    {
        for (var left = 1 + random.Below(3); left > 0; left--)
        {
            var values = Value().Matches(record);
            var value = values[random.Below(values.Count)];
            var other = value.Value[0] == '"'
                ? random.Pick(["\"\"", "\"1\"", "\"18446744073709551615\"", "\"DTYPE_FLOAT16\"", "\"SLOT_AVERAGE\"", "\"../a\"", "\"NaN\"", "null"])
                : random.Pick(["0", "1", "-1", "7", "4294967296", "1e300", "0.5", "null", "[]"]);
            record = string.Concat(record.AsSpan(0, value.Index), other, record.AsSpan(value.Index + value.Length));
        }

        return record;
    }

    [GeneratedRegex("(?<=[:\\[,] ?)(\"[^\"]*\"|-?[0-9.]+)(?! ?:)")]
    private static partial Regex Value();

    private string Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < SafetensorsHeader.LengthBytes)
        {
            return "Header";
        }

        var length = SafetensorsHeaderReader.ReadLength(file[..SafetensorsHeader.LengthBytes]);
        if (length > file.Length - SafetensorsHeader.LengthBytes)
        {
            return "Header";
        }

        var header = StateHeader.Of(SafetensorsHeaderReader.Read(file.Slice(SafetensorsHeader.LengthBytes, length), file.Length));
        var definition = _factory.Define(header.State);
        var content = file[(int)header.File.Bytes..].ToArray();
        var session = _factory.Make(definition, header.State, 1, core =>
        {
            var data = header.Begin(definition, array => core.Optimizer.Slot(array.Tensor, array.Slot));
            data.Append(content);
            header.Check(data);
            foreach (var entry in header.File.Entries)
            {
                var known = header.State.Arrays.Single(array => array.Name == entry.Name);
                OracleException.ThrowUnless(
                    Crc(content.AsSpan((int)entry.Begin, (int)entry.ByteCount)) == known.Crc32C, "An array was taken that is not what its checksum says.");
            }
        });
        session.EndAsync(isLogged: false).GetAwaiter().GetResult();
        return "OK";
    }

    // Bit by bit, as the polynomial is defined.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? (sum >> 1) ^ 0x82F63B78 : sum >> 1;
            }
        }

        return ~sum;
    }

    private static byte[] Seal(ReadOnlySpan<byte> record)
    {
        var image = new SafetensorsImage(
            MetadataSeal.Seal(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add(StateImage.FormatName, StateImage.Format)
                .Add(StateImage.StateName, Encoding.UTF8.GetString(record))),
            []);
        return image.Header.ToArray();
    }

    private (byte[] File, string Record) Make()
    {
        var request = new CreateSessionRequest
        {
            SessionId = FuzzedSession.Id,
            Tensors = { new TensorSpec { Name = "a", Shape = { 3 } } },
            InitialValues = { new TensorData { Data = ByteString.CopyFrom(new byte[12]) } },
        };
        var session = _factory.Create(_factory.Define(request), request);
        using var copy = StateCopy.TakeAsync(session, _budget, _step, CancellationToken.None).GetAwaiter().GetResult();
        var image = StateImage.Of(copy, DateTimeOffset.UnixEpoch);
        var file = new List<byte>();
        for (var pieces = image.Pieces(1 << 16); pieces.MoveNext();)
        {
            file.AddRange(pieces.Current);
        }

        session.EndAsync(isLogged: false).GetAwaiter().GetResult();
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.Header);
        var header = SafetensorsHeaderReader.Read(image.Header.Slice(SafetensorsHeader.LengthBytes, length), null);
        return ([.. file], header.Metadata[StateImage.StateName]);
    }
}
