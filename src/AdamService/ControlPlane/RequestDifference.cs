using System.Collections;
using System.Globalization;
using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Adam.Service.ControlPlane;

/// <summary>Names the fields in which two requests differ.</summary>
internal static class RequestDifference
{
    /// <summary>The paths of the fields that differ, for example <c>optimizer.groups[0].beta_1</c>, in the order of the .proto.</summary>
    public static IReadOnlyList<string> Between<T>(T one, T other)
        where T : IMessage<T>
    {
        var different = new List<string>();
        Compare(one, other, "", different);
        return different;
    }

    /// <summary>Refuses a request under the id of a session that another request made.</summary>
    /// <param name="made">The normalised request that made it.</param>
    /// <param name="asked">The normalised request that came.</param>
    /// <exception cref="ServiceException">SESSION_EXISTS, with the fields that differ.</exception>
    public static void ThrowIfAny(CreateSessionRequest made, CreateSessionRequest asked)
    {
        var fields = Between(made, asked);
        if (fields.Count > 0)
        {
            var listed = string.Join(", ", fields.Take(20)) + (fields.Count > 20 ? $" and {fields.Count - 20} more" : "");
            throw new ServiceException(
                ErrorReason.SessionExists,
                $"Session '{asked.SessionId}' was created by a different request; what differs: {listed}. Choose another id, or delete it first.",
                ("fields", string.Join(",", fields)));
        }
    }

    private static void Compare(IMessage one, IMessage other, string prefix, List<string> different)
    {
        foreach (var field in one.Descriptor.Fields.InFieldNumberOrder())
        {
            var path = prefix + field.Name;
            var (left, right) = (field.Accessor.GetValue(one), field.Accessor.GetValue(other));
            if (field.HasPresence && field.Accessor.HasValue(one) != field.Accessor.HasValue(other))
            {
                different.Add(path);
            }
            else if (field.IsMap)
            {
                CompareMaps((IDictionary)left, (IDictionary)right, path, different);
            }
            else if (field.IsRepeated)
            {
                CompareLists((IList)left, (IList)right, path, different);
            }
            else
            {
                CompareValues(left, right, path, different);
            }
        }
    }

    private static void CompareLists(IList left, IList right, string path, List<string> different)
    {
        if (left.Count != right.Count)
        {
            different.Add(path);
            return;
        }

        for (var i = 0; i < left.Count; i++)
        {
            CompareValues(left[i], right[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), different);
        }
    }

    private static void CompareMaps(IDictionary left, IDictionary right, string path, List<string> different)
    {
        foreach (var key in left.Keys.Cast<object>().Union(right.Keys.Cast<object>()))
        {
            if (!Equals(left[key], right[key]))
            {
                different.Add($"{path}[{key}]");
            }
        }
    }

    private static void CompareValues(object? left, object? right, string path, List<string> different)
    {
        if (left is IMessage leftMessage && right is IMessage rightMessage)
        {
            Compare(leftMessage, rightMessage, path + ".", different);
        }
        else if (!Equals(left, right))
        {
            different.Add(path);
        }
    }
}
