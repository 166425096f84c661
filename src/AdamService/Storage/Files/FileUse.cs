namespace Adam.Service.Storage.Files;

/// <summary>What a file is opened for.</summary>
internal enum FileUse
{
    /// <summary>To be read; it exists.</summary>
    Read,

    /// <summary>To be read and written; it exists.</summary>
    Update,

    /// <summary>To be read and written; made if it does not exist, and kept as it is if it does.</summary>
    UpdateOrCreate,

    /// <summary>To be read and written; made, or emptied.</summary>
    Replace,

    /// <summary>A directory, to be synchronised.</summary>
    Directory,
}
