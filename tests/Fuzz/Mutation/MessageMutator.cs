using System.Collections;
using Adam.Fuzz.Randomness;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Adam.Fuzz.Mutation;

/// <summary>Changes protobuf messages by their descriptors: what comes out parses, and means something else.</summary>
/// <param name="words">Strings that mean something to the reader.</param>
internal sealed class MessageMutator(IReadOnlyList<string> words)
{
    private const int DepthMax = 6;

    /// <summary>Changes a few fields somewhere in a message.</summary>
    public void Mutate(IMessage message, Prng random)
    {
        for (var left = random.Between(1, 4); left > 0; left--)
        {
            MutateOne(message, random, 0);
        }
    }

    /// <summary>Fills a message with anything.</summary>
    public void Fill(IMessage message, Prng random, int depth = 0)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (random.OneIn(3))
            {
                Set(message, field, random, depth);
            }
        }
    }

    private void MutateOne(IMessage message, Prng random, int depth)
    {
        var fields = message.Descriptor.Fields.InDeclarationOrder();
        if (fields.Count == 0)
        {
            return;
        }

        var field = fields[random.Below(fields.Count)];
        var inner = InnerOf(message, field, random);
        if (inner is not null && depth < DepthMax && !random.OneIn(4))
        {
            MutateOne(inner, random, depth + 1);
        }
        else if (random.OneIn(4))
        {
            field.Accessor.Clear(message);
        }
        else
        {
            Set(message, field, random, depth);
        }
    }

    // One of the messages in a field, or null.
    private static IMessage? InnerOf(IMessage message, FieldDescriptor field, Prng random)
    {
        if (field.FieldType != FieldType.Message || field.IsMap)
        {
            return null;
        }

        return field.Accessor.GetValue(message) switch
        {
            IMessage single => single,
            IList { Count: > 0 } list => (IMessage)list[random.Below(list.Count)]!,
            _ => null,
        };
    }

    private void Set(IMessage message, FieldDescriptor field, Prng random, int depth)
    {
        if (field.IsMap)
        {
            SetMap((IDictionary)field.Accessor.GetValue(message), field, random);
        }
        else if (field.IsRepeated)
        {
            SetList((IList)field.Accessor.GetValue(message), field, random, depth);
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, random, depth));
        }
    }

    private void SetMap(IDictionary map, FieldDescriptor field, Prng random)
    {
        var entry = field.MessageType.Fields;
        for (var left = random.OneIn(10) ? random.Below(100) : random.Between(1, 2); left > 0; left--)
        {
            map[Value(entry[1], random, DepthMax)] = Value(entry[2], random, DepthMax);
        }
    }

    private void SetList(IList list, FieldDescriptor field, Prng random, int depth)
    {
        switch (random.Below(4))
        {
            case 0 when list.Count > 0:
                list.RemoveAt(random.Below(list.Count));
                break;
            case 1 when list.Count > 0:
                list.Insert(random.Below(list.Count), list[random.Below(list.Count)]);
                break;
            default:
                for (var left = random.OneIn(20) ? random.Below(40) : 1; left > 0; left--)
                {
                    list.Insert(random.Below(list.Count + 1), Value(field, random, depth));
                }

                break;
        }
    }

    private object Value(FieldDescriptor field, Prng random, int depth) => field.FieldType switch
    {
        FieldType.Double => Interesting.Real(random),
        FieldType.Float => (float)Interesting.Real(random),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => SignedOf(random),
        FieldType.UInt64 or FieldType.Fixed64 => Interesting.Integer(random),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => unchecked((int)SignedOf(random)),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Interesting.Integer(random)),
        FieldType.Enum => random.OneIn(8)
            ? unchecked((int)Interesting.Integer(random))
            : field.EnumType.Values[random.Below(field.EnumType.Values.Count)].Number,
        FieldType.Bool => random.OneIn(2),
        FieldType.Bytes => ByteString.CopyFrom(random.Bytes(random.OneIn(2) ? 4 * random.Below(8) : random.Length(300))),
        FieldType.String => Text(random),
        _ => Message(field, random, depth),
    };

    private IMessage Message(FieldDescriptor field, Prng random, int depth)
    {
        var message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        if (depth < DepthMax)
        {
            Fill(message, random, depth + 1);
        }

        return message;
    }

    private static long SignedOf(Prng random)
    {
        var value = unchecked((long)Interesting.Integer(random));
        return random.OneIn(4) ? unchecked(-value) : value;
    }

    private string Text(Prng random)
    {
        var word = random.Pick(words);
        return random.Below(8) switch
        {
            0 => string.Concat(word, random.Pick(words)),
            1 => string.Concat(word, "\0\n\u00e9\U0001F600"),
            2 => string.Concat(Enumerable.Repeat(word, random.Below(40))),
            3 when word.Length > 0 => word[..random.Below(word.Length)],
            4 when word.Length > 0 => Replace(word, random),
            _ => word,
        };
    }

    private static string Replace(string word, Prng random)
    {
        var at = random.Below(word.Length);
        return string.Concat(word.AsSpan(0, at), ((char)random.Between(' ', '~')).ToString(), word.AsSpan(at + 1));
    }
}
