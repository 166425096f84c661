namespace Adam.Service.DataPlane;

/// <summary>Which elements of a tensor have come, in runs [start, end) that neither touch nor overlap, in order.</summary>
internal sealed class Coverage
{
    /// <summary>
    /// The most runs between which gaps may be open. Chunks may come in any order, but a client that leaves this many holes would
    /// only make the search through them slow.
    /// </summary>
    public const int RunsMax = 4096;

    private readonly List<(long Start, long End)> _runs = [];

    /// <summary>Elements that have come.</summary>
    public long Count { get; private set; }

    /// <summary>Where the last run ends; 0 if there is none.</summary>
    public long End => _runs.Count > 0 ? _runs[^1].End : 0;

    /// <summary>Adds a run if none of its elements has come before and there is room for its gaps.</summary>
    public CoverageResult Add(long start, long end)
    {
        if (start == end)
        {
            return CoverageResult.Added;
        }

        var next = FirstRunEndingAfter(start);
        if (next < _runs.Count && _runs[next].Start < end)
        {
            return CoverageResult.Overlap;
        }

        var joinsBefore = next > 0 && _runs[next - 1].End == start;
        var joinsAfter = next < _runs.Count && _runs[next].Start == end;
        if (joinsBefore && joinsAfter)
        {
            _runs[next - 1] = (_runs[next - 1].Start, _runs[next].End);
            _runs.RemoveAt(next);
        }
        else if (joinsBefore)
        {
            _runs[next - 1] = (_runs[next - 1].Start, end);
        }
        else if (joinsAfter)
        {
            _runs[next] = (start, _runs[next].End);
        }
        else if (_runs.Count == RunsMax)
        {
            return CoverageResult.TooScattered;
        }
        else
        {
            _runs.Insert(next, (start, end));
        }

        Count += end - start;
        return CoverageResult.Added;
    }

    /// <summary>The first element of <paramref name="length"/> that has not come; -1 if all have.</summary>
    public long FirstMissing(long length)
    {
        if (Count == length)
        {
            return -1;
        }

        return _runs.Count > 0 && _runs[0].Start == 0 ? _runs[0].End : 0;
    }

    /// <summary>What has come so far, to go back to.</summary>
    public CoverageMark Mark() => new([.. _runs], Count);

    /// <summary>Forgets everything that has come since.</summary>
    public void GoBackTo(CoverageMark mark)
    {
        _runs.Clear();
        _runs.AddRange(mark.Runs);
        Count = mark.Count;
    }

    private int FirstRunEndingAfter(long start)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].End > start)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
