using AkkaCompute.Lighthouse.Join;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>Who asks.</summary>
/// <param name="IsHome">Over the home's own socket, without a token.</param>
internal sealed record Caller(Member Member, bool IsHome)
{
    public bool IsNode => Member.Kind == MemberKind.Node;

    public bool IsOwner => !IsNode && Member.Role == Role.Owner;

    /// <summary>The pool's owner and whoever submitted it.</summary>
    public bool MayEnd(string jobOwner) => IsOwner || (!IsNode && Member.Role >= Role.Friend && Member.Name == jobOwner);

    /// <summary>The gate has let it through.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? throw new InvalidOperationException("the gate did not see this request");
}

/// <summary>Who may use an endpoint. One that says nothing is for people.</summary>
internal enum Access
{
    /// <summary>No token needed.</summary>
    Anyone,
    Person,

    /// <summary>People who may submit: not viewers.</summary>
    Friend,
    Owner,

    /// <summary>The home's own socket alone.</summary>
    Home,
    Node,

    /// <summary>Friends, and nodes as far as the endpoint lets them.</summary>
    FriendOrNode,

    /// <summary>Anyone who belongs to the pool, nodes as far as the endpoint lets them.</summary>
    PersonOrNode,
}

/// <summary>Marks connections of the home's socket.</summary>
internal sealed class HomeSocket
{
    public static readonly HomeSocket Instance = new();
}
