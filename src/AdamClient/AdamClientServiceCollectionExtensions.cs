using Adam.Client;
using Adam.Client.Internal;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the client of the optimizer service.</summary>
public static class AdamClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="AdamClient"/> for the whole process. The options are checked when the client is resolved for the first
    /// time: <see cref="OptionsValidationException"/> then lists everything that is wrong.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets at least <see cref="AdamClientOptions.Address"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddAdamClient(this IServiceCollection services, Action<AdamClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<AdamClientOptions>().Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdamClientOptions>, AdamClientOptionsValidator>());
        services.TryAddSingleton(provider => new AdamClient(provider.GetRequiredService<IOptions<AdamClientOptions>>().Value));
        return services;
    }
}
