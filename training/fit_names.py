import json,sys,math
import torch
rows=[json.loads(l) for l in open(sys.argv[1])]
rows=[r for r in rows if r["words"]]
folders=sorted({r["folder"] for r in rows})
nw=len(rows[0]["words"][0]); nn=len(rows[0]["none"])
M=max(len(r["words"]) for r in rows)
X=torch.zeros(len(rows),M,nw); mask=torch.full((len(rows),M),-1e9); N=torch.zeros(len(rows),nn); y=torch.zeros(len(rows),dtype=torch.long)
for i,r in enumerate(rows):
    k=len(r["words"]); X[i,:k]=torch.tensor(r["words"]); mask[i,:k]=0; N[i]=torch.tensor(r["none"]); y[i]=r["right"] if r["right"]>=0 else M
def fit(idx):
    w=torch.zeros(nw,requires_grad=True); w.data[0]=.7
    n=torch.zeros(nn,requires_grad=True)
    opt=torch.optim.LBFGS([w,n],max_iter=200,line_search_fn="strong_wolfe")
    def closure():
        opt.zero_grad()
        s=torch.cat([X[idx]@w+mask[idx],(N[idx]@n)[:,None]],1)
        loss=torch.nn.functional.cross_entropy(s,y[idx])+1e-4*(w@w+n@n)
        loss.backward(); return loss
    opt.step(closure)
    return w.detach(),n.detach()
def judge(idx,w,n,label):
    s=torch.cat([X[idx]@w+mask[idx],(N[idx]@n)[:,None]],1).softmax(1)
    loss=torch.nn.functional.cross_entropy(s.log(),y[idx])
    p,b=s[:,:M].max(1); right=(b==y[idx])
    bins=[]
    for k in range(10):
        m=(p>=k/10)&(p<(k+1)/10)
        if m.sum()>0: bins.append(f"{p[m].mean():.2f}->{right[m].float().mean():.2f}({int(m.sum())})")
    print(label,f"loss {loss:.4f} top {right.float().mean():.3f}",' '.join(bins))
    return p,right
P=[];R=[]
for f in folders:
    tr=torch.tensor([i for i,r in enumerate(rows) if r["folder"]!=f]); te=torch.tensor([i for i,r in enumerate(rows) if r["folder"]==f])
    w,n=fit(tr); p,r=judge(te,w,n,f.split('/')[-1]); P.append(p);R.append(r)
p=torch.cat(P);r=torch.cat(R)
print("ALL held-out:",' '.join(f"{p[(p>=k/10)&(p<(k+1)/10)].mean():.2f}->{r[(p>=k/10)&(p<(k+1)/10)].float().mean():.2f}({int(((p>=k/10)&(p<(k+1)/10)).sum())})" for k in range(10)), "top",r.float().mean().item())
# own only baseline
own=sum(1 for r0 in rows if r0["right"]>=0 and r0["words"][r0["right"]][1]==1)/len(rows); cov=sum(1 for r0 in rows if r0["right"]>=0)/len(rows)
print("own right",own,"covered",cov)
w,n=fit(torch.arange(len(rows))); judge(torch.arange(len(rows)),w,n,"all")
print(json.dumps({"word":[round(v,4) for v in w.tolist()],"none":[round(v,4) for v in n.tolist()]}))
