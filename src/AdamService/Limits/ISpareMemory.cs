namespace Adam.Service.Limits;

/// <summary>Memory that is counted by the budget and that nobody uses just now.</summary>
internal interface ISpareMemory
{
    /// <summary>Frees it. Called from any thread when the budget is short.</summary>
    void GiveUp();
}
