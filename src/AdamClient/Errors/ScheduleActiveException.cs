namespace Adam.Client;

/// <summary>A learning-rate value cannot be set while a schedule is active, unless it is said to replace the schedule.</summary>
public sealed class ScheduleActiveException : AdamException
{
    internal ScheduleActiveException(AdamError error)
        : base(error)
    {
    }
}
